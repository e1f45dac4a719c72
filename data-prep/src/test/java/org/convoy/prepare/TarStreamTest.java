package org.convoy.prepare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TarStreamTest {
    private static final String LONG_NAME = "cat/" + "a".repeat(150) + ".png";

    @TempDir
    private Path directory;

    @Test
    void givesVisibleFilesWithTheirBytesInOrder() throws IOException {
        byte[] tar = new Tars()
                .classes("photos", 0, "cat")
                .file("./cat/a.png", bytes("one"))
                .file("cat/.hidden.png", bytes("no"))
                .file("__MACOSX/cat/a.png", bytes("no"))
                .file(LONG_NAME, bytes("two"))
                .link("cat/link.png", "/etc/passwd")
                .file("read.me", bytes("three"))
                .bytes();

        assertThat(contents("a.tar", tar, 0))
                .containsExactly("cat/a.png=one", LONG_NAME + "=two", "cat/link.png=", "read.me=three");
        assertThat(contents("a.tar.gz", Idx.gzip(tar), 0)).isEqualTo(contents("a.tar", tar, 0));
    }

    @Test
    void startsAtAnyHeader() throws IOException {
        byte[] tar = new Tars()
                .file("cat/a.png", bytes("one"))
                .file(LONG_NAME, bytes("two"))
                .file("cat/c.png", bytes("three"))
                .bytes();
        List<Long> headers = new ArrayList<>();
        try (TarStream stream = open("a.tar", tar, 0)) {
            for (TarStream.Entry entry = stream.next(); entry != null; entry = stream.next()) {
                headers.add(entry.headerAt());
            }
        }

        assertThat(headers).startsWith(0L, 1024L).hasSize(3);
        assertThat(contents("a.tar", tar, headers.get(1))).containsExactly(LONG_NAME + "=two", "cat/c.png=three");
        assertThat(contents("a.tar", tar, headers.get(2))).containsExactly("cat/c.png=three");
    }

    @Test
    void refusesPathsThatLeadOut() {
        for (String name : new String[] {"../a.png", "cat/../../a.png", "/etc/a.png"}) {
            assertThatThrownBy(() ->
                            contents("a.tar", new Tars().file(name, bytes("x")).bytes(), 0))
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                    .hasMessage("[" + directory + "/a.tar] entry '" + name + "' leads out of the archive:"
                            + " paths must be relative and without '..'; nothing of it is used");
        }
    }

    @Test
    void refusesAnArchiveThatIsCutOffAnywhere() {
        byte[] tar = new Tars()
                .file("cat/a.png", new byte[600])
                .file("cat/b.png", new byte[600])
                .bytes();
        // In the first header, in the first file, in its padding, between the entries, in the second header, in front
        // of the end marker.
        for (int length : new int[] {100, 1000, 1300, 1536, 1600, 3072}) {
            assertThatThrownBy(() -> contents("a.tar", Arrays.copyOf(tar, length), 0))
                    .as("cut at byte %s", length)
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("[" + directory + "/a.tar] is cut off or damaged at byte ");
        }
        byte[] packed = Idx.gzip(tar);
        assertThatThrownBy(() -> contents("a.tar.gz", Arrays.copyOf(packed, packed.length - 20), 0))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("\\[.*/a.tar.gz\\] is cut off or damaged at byte \\d+ unpacked, .*");
    }

    @Test
    void saysWhereAnArchiveIsDamaged() {
        byte[] tar = new Tars()
                .file("cat/a.png", new byte[600])
                .file("cat/b.png", new byte[600])
                .bytes();
        Arrays.fill(tar, 1536, 2048, (byte) 'x');

        assertThatThrownBy(() -> contents("a.tar", tar, 0))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + directory
                        + "/a.tar] is cut off or damaged at byte 2048, behind the header of 'cat/a.png': ");
    }

    @Test
    void refusesWhatIsNotGzip() {
        assertThatThrownBy(() -> contents("a.tar.gz", new Tars().bytes(), 0))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + directory + "/a.tar.gz] Cannot read: ");
    }

    private List<String> contents(String name, byte[] archive, long start) throws IOException {
        List<String> contents = new ArrayList<>();
        try (TarStream stream = open(name, archive, start)) {
            for (TarStream.Entry entry = stream.next(); entry != null; entry = stream.next()) {
                contents.add(entry.path() + "=" + new String(stream.read(entry), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }

    private TarStream open(String name, byte[] archive, long start) throws IOException {
        Path file = directory.resolve(name);
        Pictures.write(file, archive);
        return new TarStream(new Configuration(false), file.toString(), start);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
