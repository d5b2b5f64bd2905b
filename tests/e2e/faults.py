"""Disks and clocks that fail when a test says so."""

import mmap
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).with_name("faults.c")
_CLOCK, _ERRORS, _MADE = struct.Struct("=q"), struct.Struct("=ii"), struct.Struct("=q")  # As in faults.c.


class Faults:
    """`environment` is what a process is to be started with. Disk faults concern files below `directory`."""

    def __init__(self, directory="/none"):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="guardwatch-faults-"))
        library, control = self._folder / "faults.so", self._folder / "control"
        subprocess.run([os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-O1", "-Wall", "-o", library, SOURCE, "-ldl"],
                       check=True)
        control.write_bytes(bytes(mmap.PAGESIZE))
        with open(control, "r+b") as file:
            self._control = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.environment = {**os.environ, "LD_PRELOAD": str(library), "GUARDWATCH_FAULTS_CONTROL": str(control),
                            "GUARDWATCH_FAULTS_DIRECTORY": str(directory)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._control.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def set_clock(self, ahead):
        """The wall clock says so many seconds more than it is."""
        _CLOCK.pack_into(self._control, 0, ahead)

    def fail(self, write=0, sync=0):
        """From now on writing and syncing fail with these error numbers; with 0 they do not."""
        _ERRORS.pack_into(self._control, _CLOCK.size, write, sync)

    def made(self):
        """How many calls have failed so far."""
        return _MADE.unpack_from(self._control, _CLOCK.size + _ERRORS.size)[0]
