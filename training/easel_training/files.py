"""Files that a killed program or a full disk cannot leave half written."""
import contextlib
import os


@contextlib.contextmanager
def atomic(path, mode="wb"):
    """Opens a temporary file beside `path`; on success it is fsynced and takes the name `path`.

    If writing fails (a full disk, an interrupt) the temporary file is removed and what was at `path` stays.
    """
    path = os.fspath(path)
    temporary = f"{path}.tmp.{os.getpid()}"
    try:
        with open(temporary, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
