"""Files while they come in: what is too much is not kept, and told in words afterwards."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

_OTHER_FIELDS = 1_000_000
"""What a form of ours may hold beside its files, bytes."""


class BoundedUpload(TemporaryFileUploadHandler):
    """Of each file keeps at most ``file_bytes`` and a little, of those beyond ``files`` nothing: enough to refuse it.

    A request that says it is larger than a person can have meant is cut off at once.
    """

    def __init__(self, files: int, file_bytes: int) -> None:
        super().__init__()
        self._files = files
        self._file_bytes = file_bytes
        self._count = 0
        self._kept = 0

    def handle_raw_input(
        self, input_data: Any, meta: dict[str, Any], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        del input_data, meta, boundary, encoding
        if content_length > 4 * self._files * self._file_bytes + _OTHER_FIELDS:
            raise RequestDataTooBig("The files are far larger than a fax may be.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        # SkipFile is of no use here: it closes the file before, which was taken.
        self._count += 1
        self._kept = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        del start
        if self._count <= self._files and self._kept <= self._file_bytes:
            self.file.write(raw_data)
            self._kept += len(raw_data)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        return super().file_complete(min(file_size, self._kept))


def handlers(files: int, file_bytes: int) -> list[FileUploadHandler]:
    return [BoundedUpload(files, file_bytes)]
