package org.convoy.retrain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class InputsTest {
    @TempDir
    private Path directory;

    private List<Input> matching(String pattern) {
        return Inputs.matching(new Configuration(), directory + "/" + pattern);
    }

    private void write(String file, String content) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    @Test
    void eachMatchWithFilesIsAnInputOfItsOwn() throws IOException {
        write("day=2/cat/1.png", "abc");
        write("day=1/cat/1.png", "a");
        write("day=1/dog/2.png", "ab");
        write("day=1/_logs/3.png", "hidden");
        write("_day=3/cat/1.png", "hidden");
        Files.createDirectories(directory.resolve("day=4/cat"));

        List<Input> inputs = matching("*");

        assertThat(inputs)
                .extracting(Input::path)
                .containsExactly("file:" + directory + "/day=1", "file:" + directory + "/day=2");
        assertThat(inputs.get(0).files()).isEqualTo(2);
        assertThat(inputs.get(0).bytes()).isEqualTo(3);
    }

    @Test
    void aFileThatCameWentMovedOrChangedShowsInTheMark() throws IOException {
        write("day=1/cat/1.png", "abc");
        write("day=1/dog/2.png", "def");
        Path one = directory.resolve("day=1/cat/1.png");
        Input before = matching("day=*").get(0);
        assertThat(matching("day=*").get(0)).isEqualTo(before);

        Files.setLastModifiedTime(one, FileTime.fromMillis(1_000));
        Input touched = matching("day=*").get(0);
        assertThat(touched.mark()).isNotEqualTo(before.mark());

        Files.move(one, directory.resolve("day=1/dog/1.png"));
        Input moved = matching("day=*").get(0);
        assertThat(moved.mark()).isNotEqualTo(touched.mark());
        assertThat(moved.bytes()).isEqualTo(before.bytes());

        write("day=1/dog/3.png", "");
        assertThat(matching("day=*").get(0).mark()).isNotEqualTo(moved.mark());
    }

    @Test
    void aPatternThatMatchesNothingIsNoMistakeButAPathIs() {
        assertThat(matching("day=*")).isEmpty();
        assertThatThrownBy(() -> matching("day"))
                .isInstanceOf(UserError.class)
                .hasMessage("[" + directory + "/day] input does not exist");
    }
}
