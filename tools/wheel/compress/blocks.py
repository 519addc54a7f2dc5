"""Where the last block of a deflate stream begins, by inflating it block by block (RFC 1951; zlib.h, Z_BLOCK).

Python's modules do not offer Z_BLOCK, so zlib-ng's own inflate is called, out of the library that the ``zlib-ng``
package brings.
"""

from __future__ import annotations

import ctypes
import functools
import threading

from zlib_ng import zlib_ng

_RAW = -15  # window bits: deflate without a zlib header
_Z_BLOCK = 5  # flush value: stop at the end of a block
_OK, _END = 0, 1  # Z_OK, Z_STREAM_END
_AT_BOUNDARY, _IN_LAST, _UNUSED_BITS = 128, 64, 63  # in data_type, as zlib.h says of inflate
_WINDOW = 256 << 10  # bytes of output that are inflated at a time and dropped: what fits a core's cache


class _Stream(ctypes.Structure):
    """zng_stream of zlib-ng.h."""

    _fields_ = (
        ("next_in", ctypes.c_void_p),
        ("avail_in", ctypes.c_uint32),
        ("total_in", ctypes.c_size_t),
        ("next_out", ctypes.c_void_p),
        ("avail_out", ctypes.c_uint32),
        ("total_out", ctypes.c_size_t),
        ("msg", ctypes.c_char_p),
        ("state", ctypes.c_void_p),
        ("zalloc", ctypes.c_void_p),
        ("zfree", ctypes.c_void_p),
        ("opaque", ctypes.c_void_p),
        ("data_type", ctypes.c_int),
        ("adler", ctypes.c_uint32),
        ("reserved", ctypes.c_ulong),
    )


def last_block(packed: bytearray, size: int) -> tuple[int, int]:
    """Return the bit at which the last block's header begins and the bit after its end.

    ``packed`` is one whole stream that inflates to ``size`` bytes.
    :raises ValueError: when it is not.
    """
    library, stream = _library(), _Stream()
    if library.zng_inflateInit2(ctypes.byref(stream), _RAW) != _OK:
        raise MemoryError
    source = (ctypes.c_char * len(packed)).from_buffer(packed)
    try:
        stream.next_in, stream.avail_in = ctypes.addressof(source), len(packed)
        return _walk(library, stream, size)
    finally:
        library.zng_inflateEnd(ctypes.byref(stream))
        del source  # lets the bytearray change its size again


def _walk(library: ctypes.CDLL, stream: _Stream, size: int) -> tuple[int, int]:
    window, start, end, outcome = _window(), 0, 0, _OK
    while outcome == _OK:
        if stream.avail_out == 0:
            stream.next_out, stream.avail_out = ctypes.addressof(window), _WINDOW
        outcome = library.zng_inflate(ctypes.byref(stream), _Z_BLOCK)
        state = stream.data_type
        if state & _AT_BOUNDARY:
            start, end = end if state & _IN_LAST else start, stream.total_in * 8 - (state & _UNUSED_BITS)
    if outcome != _END or stream.total_out != size:
        raise ValueError(f"no deflate stream of {size} bytes: inflate gave {outcome} after {stream.total_out}")
    return start, end


_scratch = threading.local()


def _window() -> ctypes.Array[ctypes.c_char]:
    if not hasattr(_scratch, "window"):
        _scratch.window = (ctypes.c_char * _WINDOW)()
    window: ctypes.Array[ctypes.c_char] = _scratch.window
    return window


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(zlib_ng.__file__)
    library.zng_inflate.argtypes = [ctypes.c_void_p, ctypes.c_int32]
    library.zng_inflateInit2.argtypes = [ctypes.c_void_p, ctypes.c_int32]
    library.zng_inflateEnd.argtypes = [ctypes.c_void_p]
    return library
