package org.convoy.score;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AnswerTest {
    @ParameterizedTest
    @CsvSource({
        "1, 4",
        "2, 4 1",
        "3, 4 1 3",
        "4, 4 1 3 0",
        "9, 4 1 3 0 2",
        "0, ''",
    })
    void namesTheMostProbableClassesAndOfEqualOnesTheFirst(int count, String classes) {
        float[] probabilities = {0.1f, 0.2f, 0.05f, 0.2f, 0.45f};
        Answer answer = new Answer(new Picture("a", Picture.UNKNOWN, 1, null), new byte[1], probabilities, null, null);

        assertThat(answer.best(count)).containsExactly(numbers(classes));
    }

    private static int[] numbers(String list) {
        return list.isEmpty()
                ? new int[0]
                : Arrays.stream(list.split(" ")).mapToInt(Integer::parseInt).toArray();
    }
}
