package org.convoy.ml;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.convoy.score.Answer;
import org.convoy.score.Picture;
import org.convoy.score.Scorer;

/**
 * Adds answers to the rows of a partition, in a task. The scorer takes some batches of pictures ahead; their rows wait until their answers
 * come, in the same order.
 *
 * <p>On the wire: the classes' names, and what {@link Scorer} sends.
 *
 * @param input which column holds the pictures
 * @param added what is added to a row
 */
record RowScoring(Scorer scorer, int input, List<String> classes, List<AnswerColumn> added)
        implements MapPartitionsFunction<Row, Row> {

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Deque<Row> waiting = new ArrayDeque<>();
        Iterator<Answer> answers = scorer.answers(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Picture next() {
                Row row = rows.next();
                waiting.add(row);
                return picture(row);
            }
        });
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return answers.hasNext();
            }

            @Override
            public Row next() {
                Answer answer = answers.next(); // first, for it may have to wait for its row
                return with(waiting.remove(), answer);
            }
        };
    }

    private Picture picture(Row row) {
        byte[] encoded = row.isNullAt(input) ? new byte[0] : row.getAs(input);
        return new Picture("", Picture.UNKNOWN, encoded.length, encoded);
    }

    private Row with(Row row, Answer answer) {
        int given = row.length();
        Object[] values = new Object[given + added.size()];
        Arrays.setAll(values, i -> i < given ? row.get(i) : added.get(i - given).value(answer, classes));
        return RowFactory.create(values);
    }
}
