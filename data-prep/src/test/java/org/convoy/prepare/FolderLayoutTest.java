package org.convoy.prepare;

import java.util.Optional;
import java.util.Set;
import org.convoy.data.Split;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FolderLayoutTest {
    @Test
    void takesTopDirectoriesForClasses() {
        FolderLayout layout = FolderLayout.of(Set.of("cat", "cat/more/nested", "dog", ""));

        assertThat(layout.place("cat")).contains(new FolderLayout.Place(Split.TRAIN, "cat"));
        assertThat(layout.place("cat/more/nested")).contains(new FolderLayout.Place(Split.TRAIN, "cat"));
        assertThat(layout.place("")).isEmpty();
    }

    @Test
    void looksThroughWrappingDirectories() {
        FolderLayout layout = FolderLayout.of(Set.of("data/photos/cat", "data/photos/dog", "data", ""));

        assertThat(layout.root()).isEqualTo("data/photos/");
        assertThat(layout.place("data/photos/dog")).contains(new FolderLayout.Place(Split.TRAIN, "dog"));
        assertThat(layout.place("data/photos")).isEmpty();
        assertThat(layout.place("data")).isEmpty();
        assertThat(layout.place("")).isEmpty();
    }

    @Test
    void honoursDirectoriesOfSplits() {
        FolderLayout layout =
                FolderLayout.of(Set.of("cifar/train/cat", "cifar/val/cat", "cifar/test/dog", "cifar/test"));

        assertThat(layout.place("cifar/train/cat")).contains(new FolderLayout.Place(Split.TRAIN, "cat"));
        assertThat(layout.place("cifar/val/cat")).contains(new FolderLayout.Place(Split.VALIDATION, "cat"));
        assertThat(layout.place("cifar/test/dog")).contains(new FolderLayout.Place(Split.TEST, "dog"));
        assertThat(layout.place("cifar/test")).isEmpty();
    }

    @Test
    void takesSplitNamesForClassesIfTrainIsNotAmongThemOrOthersAre() {
        assertThat(FolderLayout.of(Set.of("test", "val")).place("test"))
                .contains(new FolderLayout.Place(Split.TRAIN, "test"));
        assertThat(FolderLayout.of(Set.of("test", "train", "bus")).place("train"))
                .contains(new FolderLayout.Place(Split.TRAIN, "train"));
    }

    @Test
    void stopsAtTheOnlyClass() {
        assertThat(FolderLayout.of(Set.of("photos/cat")).place("photos/cat"))
                .isEqualTo(Optional.of(new FolderLayout.Place(Split.TRAIN, "cat")));
        assertThat(FolderLayout.of(Set.of("train/cat")).place("train/cat"))
                .contains(new FolderLayout.Place(Split.TRAIN, "cat"));
    }
}
