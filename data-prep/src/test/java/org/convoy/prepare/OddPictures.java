package org.convoy.prepare;

import java.nio.file.Path;
import org.convoy.data.Colour;
import org.convoy.data.Sha256;
import org.convoy.prepare.ImageDecoder.Decoded;
import org.convoy.prepare.ImageDecoder.Refused;

/** Decodes the pictures of an archive in a process of its own, and says of each what became of it: name, code, digest of its pixels. */
final class OddPictures {
    private OddPictures() {}

    public static void main(String[] args) {
        ImageDecoder decoder = LocalSpark.decoder(Colour.RGB, 32, 32);
        RealPicturesIT.tar(Path.of(args[0])).forEach((name, bytes) -> {
            ImageDecoder.Result result = decoder.decode(bytes);
            String said = result instanceof Decoded decoded
                    ? "decoded\t" + Sha256.hex(Sha256.of(decoded.pixels()))
                    : ((Refused) result).reason().code() + "\t";
            System.out.println(name + "\t" + said);
        });
    }
}
