"""Only what pyproject.toml cannot say: the binding of spandsp is compiled from cffi's declarations."""

from setuptools import setup

setup(cffi_modules=["src/caselli/line/spandsp/build.py:ffibuilder"])
