package org.convoy.retrain;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JournalTest {
    @TempDir
    private Path directory;

    private final AtomicInteger done = new AtomicInteger();

    private record Result(int number) {}

    private Journal open() {
        return open(() -> {});
    }

    private Journal open(Runnable requireHeld) {
        return Journal.open(
                new Configuration(),
                new org.apache.hadoop.fs.Path(directory.resolve("cycle").toUri()),
                requireHeld);
    }

    private Result step(Journal journal) {
        return journal.once(Step.TRAIN, Result.class, () -> new Result(done.incrementAndGet()));
    }

    @Test
    void aStepThatIsFinishedGivesWhatItGaveAndIsNotDoneAgain() {
        Journal first = open();
        assertThat(first.resumed()).isFalse();
        assertThat(step(first)).isEqualTo(new Result(1));

        Journal second = open();
        assertThat(second.resumed()).isTrue();
        assertThat(second.cycle()).isEqualTo(first.cycle());
        assertThat(step(second)).isEqualTo(new Result(1));
        assertThat(done).hasValue(1);
    }

    @Test
    void aStepThatFailsIsDoneAgain() {
        assertThatThrownBy(() -> open().once(Step.TRAIN, Result.class, () -> {
                    throw new IllegalStateException("cut off");
                }))
                .hasMessage("cut off");

        assertThat(step(open())).isEqualTo(new Result(1));
    }

    @Test
    void whoHasLostTheLockFinishesNothing() {
        AtomicInteger asked = new AtomicInteger();
        Journal journal = open(() -> {
            if (asked.incrementAndGet() == 2) {
                throw UserError.locked("another run has it");
            }
        });

        assertThatThrownBy(() -> step(journal)).hasMessage("another run has it");

        assertThat(done).hasValue(1);
        assertThat(directory.resolve("cycle/train.json")).doesNotExist();
    }

    @Test
    void theNextCycleKnowsNothingOfTheOneThatEnded() throws Exception {
        step(open());
        open().end();
        assertThat(directory.resolve("cycle")).doesNotExist();

        step(open());
        // Killed while it ended: what made it a cycle is gone, a step's result is not.
        Files.delete(directory.resolve("cycle/cycle.json"));
        Journal next = open();
        assertThat(next.resumed()).isFalse();
        assertThat(step(next)).isEqualTo(new Result(3));
    }
}
