"""The frames that clients of the stand-ins encode, and how near to them what is decoded comes."""
import math


def luma(width, height, index):
    """A gradient that moves, with a bright bar that moves the other way."""
    ramp = bytes((x * 200 // width + 16) % 236 for x in range(width * 2))
    rows = [bytearray(ramp[(y + 2 * index) % width:][:width]) for y in range(height)]
    left = (width - 4 * index) % (width - 16)
    for row in rows[height // 4: height // 2]:
        row[left:left + 16] = b"\xe0" * 16
    return rows


def nv12(width, height, index):
    """The bytes of a frame whose chroma is grey."""
    return b"".join(luma(width, height, index)) + b"\x80" * (width * height // 2)


def psnr(frame, rows):
    """Of every fourth row of a decoded frame's luma."""
    plane = frame.planes[0]
    data = bytes(plane)
    error = samples = 0
    for y in range(0, frame.height, 4):
        seen = data[y * plane.line_size:y * plane.line_size + frame.width]
        error += sum((a - b) ** 2 for a, b in zip(seen, rows[y]))
        samples += frame.width
    return 99.0 if error == 0 else 10 * math.log10(255 ** 2 * samples / error)


def summary(width, height, frames):
    """What a test wants to know of decoded frames."""
    values = [psnr(frame, luma(width, height, index)) for index, frame in enumerate(frames)]
    sizes = sorted({f"{frame.width}x{frame.height}" for frame in frames})
    return {"frames": len(values), "psnr": min(values, default=0), "sizes": sizes}
