"""Writes 4x_with_history.pth: the weights of the case beside, and a numpy array of 20,000 floats as
torch.save puts it into a pickle of protocol 2: one Latin-1 text of 106,612 bytes."""
import os
import pathlib
import struct
import sys
import zipfile

BASE = pathlib.Path(__file__).parent.parent / "data/parameter-with-state/4x_parameters.pth"
if os.path.exists("4x_with_history.pth"):
    sys.exit()


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value


def call(module, name):
    return b"c" + module + b"\n" + name + b"\n"


history = (call(b"numpy.core.multiarray", b"_reconstruct") + call(b"numpy", b"ndarray") + b"K\0\x85" +
           call(b"_codecs", b"encode") + text(b"b") + text(b"latin1") + b"\x86R\x87R(K\1M\x20\x4e\x85" +
           call(b"numpy", b"dtype") + text(b"f4") + b"\x89\x88\x87R\x89" + call(b"_codecs", b"encode") +
           text(b"a" * 106612) + text(b"latin1") + b"\x86Rtb")
source = zipfile.ZipFile(BASE)
with zipfile.ZipFile("4x_with_history.pth", "w", zipfile.ZIP_STORED) as archive:
    for name in source.namelist():
        data = source.read(name)
        if name.endswith("/data.pkl"):  # {'params': …} becomes {'history': {'loss': …}, 'params': …}
            assert data.startswith(b"\x80\x02}q\0") and data.endswith(b".")
            data = b"\x80\x02}" + text(b"history") + b"}" + text(b"loss") + history + b"ss" + \
                text(b"weights") + data[2:-1] + b"s."
        archive.writestr(zipfile.ZipInfo(name), data)
