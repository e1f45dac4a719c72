"""Decodes the pictures of one file with Pillow and times itself: pillow_peer.py FILE SIZE MODE SECONDS

FILE holds, for each picture, its length as four bytes (big-endian) and its bytes. MODE is RGB or L. Writes to FILE.pixels what becomes of
them (H, W, C) and prints pictures per second, of whole passes that take SECONDS together at least.
"""

import io
import struct
import sys
import time

from PIL import Image, ImageOps


def load(encoded, size, mode):
    image = Image.open(io.BytesIO(encoded)).convert(mode)
    if image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.BILINEAR)
    return image.tobytes()


def main(file, size, mode, seconds):
    pictures = []
    with open(file, "rb") as source:
        while prefix := source.read(4):
            pictures.append(source.read(struct.unpack(">i", prefix)[0]))
    with open(file + ".pixels", "wb") as target:
        for encoded in pictures:
            target.write(load(encoded, size, mode))
    done = 0
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for encoded in pictures:
            load(encoded, size, mode)
        done += len(pictures)
    print(done / (time.perf_counter() - start))


main(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
