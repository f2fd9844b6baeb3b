"""One method, described once as a plan, is a plain one of :class:`Client` and an ``async`` one of
:class:`AsyncClient`; type checkers see each as what it is.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from caselli.client.effects import Plan
from caselli.client.plans import Operation, ask
from caselli.client.retry import Patience
from caselli.client.shells import AsyncShell, Shell, SyncShell

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Shell)
G = TypeVar("G", bound="Group[Any]")


class Group(Generic[S]):
    """The methods of one subject, like ``client.faxes``."""

    def __init__(self, shell: S) -> None:
        self._shell: S = shell

    @property
    def _patience(self) -> Patience:
        return self._shell.settings.patience

    def _ask(self, operation: Operation[T], /, **named: Any) -> Plan[T]:
        return ask(operation, self._patience, named)

    def _say(self, operation: Operation[T], said: Mapping[str, Any], /, **named: Any) -> Plan[T]:
        """``said``: the body, in which None says something too."""
        return ask(operation, self._patience, named, said=said)


class Verb(Generic[P, T]):
    """Asks, and returns the answer."""

    def __init__(self, plan: Callable[..., Plan[T]]) -> None:
        self.plan = plan
        self.__doc__ = plan.__doc__
        self.__name__ = plan.__name__

    @overload
    def __get__(self, group: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, group: Group[SyncShell], owner: Any = None) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: Group[AsyncShell], owner: Any = None) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, group: Group[Any] | None, owner: Any = None) -> Any:
        if group is None:
            return self
        shell = group._shell  # noqa: SLF001 - the two are one

        def ask_it(*args: P.args, **kwargs: P.kwargs) -> Any:
            return shell.run(self.plan(group, *args, **kwargs))

        return update_wrapper(ask_it, self.plan)


class Listing(Generic[P, T]):
    """Iterates; what comes next is asked for when it is wanted."""

    def __init__(self, plan: Callable[..., Plan[None]]) -> None:
        self.plan = plan
        self.__doc__ = plan.__doc__
        self.__name__ = plan.__name__

    @overload
    def __get__(self, group: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, group: Group[SyncShell], owner: Any = None) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, group: Group[AsyncShell], owner: Any = None) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, group: Group[Any] | None, owner: Any = None) -> Any:
        if group is None:
            return self
        shell = group._shell  # noqa: SLF001 - the two are one

        def iterate(*args: P.args, **kwargs: P.kwargs) -> Any:
            return shell.iterate(self.plan(group, *args, **kwargs))

        return update_wrapper(iterate, self.plan)


def verb(plan: Callable[Concatenate[G, P], Plan[T]]) -> Verb[P, T]:
    return Verb(cast("Callable[..., Plan[T]]", plan))


def listing(of: type[T]) -> Callable[[Callable[Concatenate[G, P], Plan[None]]], Listing[P, T]]:
    """``of``: what it gives."""
    del of
    return lambda plan: Listing(cast("Callable[..., Plan[None]]", plan))
