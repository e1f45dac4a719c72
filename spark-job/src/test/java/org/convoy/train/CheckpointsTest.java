package org.convoy.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CheckpointsTest {
    private static final Map<String, String> IDENTITY = Map.of("train.seed", "1", "K", "2");

    @TempDir
    private Path directory;

    @Test
    void givesBackWhatWasWritten() {
        Checkpoints checkpoints = checkpoints();
        EpochTrainer.Epoch epoch = new EpochTrainer.Epoch(8, 8, 0.5, List.of(round(1, 1)));
        Outcome outcome = Outcome.none()
                .with(List.of(new Rollback(1, 2, 1, 1, 0.1, 0.1 * 0.7, 0.7)))
                .with(epoch, 1.5, state(3), null, ValidationMetric.ACCURACY);
        checkpoints.write(new Checkpoint(IDENTITY, 1, List.of(round(2, 1)), state(7), outcome));

        Checkpoint read = checkpoints.newest(IDENTITY).orElseThrow();

        assertThat(read.epoch()).isEqualTo(1);
        assertThat(read.rounds()).isEqualTo(List.of(round(2, 1)));
        assertThat(read.state().vector()).isEqualTo(state(7).vector());
        assertThat(read.state().velocity()).isEqualTo(state(7).velocity());
        assertThat(read.state().average().values()).containsExactly(1);
        assertThat(read.state().average().rounds()).isEqualTo(4);
        assertThat(read.outcome().rateFactor()).isEqualTo(0.7);
        assertThat(read.state().parameterCount()).isEqualTo(2);
        assertThat(read.outcome().figures()).isEqualTo(outcome.figures());
        assertThat(read.outcome().bestState().vector()).isEqualTo(state(3).vector());
    }

    @Test
    void keepsTheNewestTwo() throws IOException {
        Checkpoints checkpoints = checkpoints();
        write(checkpoints, 0, 9);
        write(checkpoints, 1, 0);
        write(checkpoints, 0, 10);
        assertThat(names()).containsExactly("epoch-000000-round-000010", "epoch-000001-round-000000");
        checkpoints.clear();
        assertThat(directory.resolve("checkpoints")).doesNotExist();
    }

    @Test
    void discardsTheNewestButNotTheLast() throws IOException {
        Checkpoints checkpoints = checkpoints();
        write(checkpoints, 0, 1);
        write(checkpoints, 0, 2);
        checkpoints.discardNewestOfSeveral();
        checkpoints.discardNewestOfSeveral();
        assertThat(names()).containsExactly("epoch-000000-round-000001");
    }

    @Test
    void aDamagedOneIsPassedOver() throws IOException {
        Checkpoints checkpoints = checkpoints();
        write(checkpoints, 0, 1);
        write(checkpoints, 0, 2);
        Path newest = directory.resolve("checkpoints/epoch-000000-round-000002");
        byte[] whole = Files.readAllBytes(newest);
        for (byte[] damaged : List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), flipped(whole))) {
            Files.deleteIfExists(newest.resolveSibling("." + newest.getFileName() + ".crc"));
            Files.write(newest, damaged);
            assertThat(checkpoints.newest(IDENTITY).orElseThrow().rounds()).hasSize(1);
        }
    }

    @Test
    void oneOfAnotherFormatIsSaidToBeThat() throws Exception {
        byte[] bytes = new Checkpoint(IDENTITY, 0, List.of(), state(1), Outcome.none()).encode();
        ByteBuffer.wrap(bytes).putInt(1);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, bytes.length - 32));
        System.arraycopy(digest, 0, bytes, bytes.length - 32, 32);

        assertThatThrownBy(() -> Checkpoint.decode(bytes)).hasMessage("its format is 1, and this version reads 2");
    }

    @Test
    void anotherRunIsRefusedWithBothValues() {
        Checkpoints checkpoints = checkpoints();
        write(checkpoints, 0, 1);
        assertThatThrownBy(() -> checkpoints.newest(Map.of("train.seed", "1", "K", "4")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("K was 2 and is 4")
                .hasMessageContaining("delete")
                .hasMessageNotContaining("train.seed");
    }

    private Checkpoints checkpoints() {
        return Checkpoints.at(
                new Configuration(),
                new org.apache.hadoop.fs.Path(directory.resolve("checkpoints").toUri()));
    }

    private static void write(Checkpoints checkpoints, int epoch, int rounds) {
        List<RoundReport> done = Stream.iterate(1, n -> n + 1)
                .limit(rounds)
                .map(n -> round(epoch + 1, n))
                .toList();
        checkpoints.write(new Checkpoint(IDENTITY, epoch, done, state(rounds), Outcome.none()));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("checkpoints"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static byte[] flipped(byte[] bytes) {
        byte[] copy = bytes.clone();
        copy[bytes.length / 2] ^= 1;
        return copy;
    }

    private static State state(float first) {
        return new State(
                FloatBytes.encode(new float[] {first, -1.5f, Float.MIN_VALUE}),
                2,
                new float[] {first / 3, 5},
                new ParameterAverage(new float[] {first / 7}, 4));
    }

    private static RoundReport round(int epoch, int number) {
        return new RoundReport(epoch, number, 8, 0.1 + number, 1, 0.5, 0.1, "worker 0 on host/0", 0.2, 0.3, 0.01);
    }
}
