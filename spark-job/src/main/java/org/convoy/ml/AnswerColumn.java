package org.convoy.ml;

import java.util.List;
import java.util.function.Function;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.convoy.score.Answer;

/** What an answer adds to its row, in the order of the columns. */
enum AnswerColumn {
    PREDICTION(ImageClassifierParams::predictionCol, DataTypes.DoubleType) {
        @Override
        Object value(Answer answer, List<String> classes) {
            return answer.isPrediction() ? (double) answer.best(1)[0] : null;
        }
    },
    CLASS(ImageClassifierParams::classCol, DataTypes.StringType) {
        @Override
        Object value(Answer answer, List<String> classes) {
            return answer.isPrediction() ? classes.get(answer.best(1)[0]) : null;
        }
    },
    PROBABILITY(ImageClassifierParams::probabilityCol, SQLDataTypes.VectorType()) {
        @Override
        Object value(Answer answer, List<String> classes) {
            return answer.isPrediction() ? Vectors.dense(doubles(answer.probabilities())) : null;
        }
    },
    ERROR(ImageClassifierParams::errorCol, DataTypes.StringType) {
        @Override
        Object value(Answer answer, List<String> classes) {
            return answer.isPrediction() ? null : answer.error().reason().code();
        }
    };

    @SuppressWarnings("ImmutableEnumChecker") // a reference to a method
    private final Function<ImageClassifierParams<?>, Param<String>> param;

    @SuppressWarnings("ImmutableEnumChecker") // Spark's types do not change
    private final DataType type;

    AnswerColumn(Function<ImageClassifierParams<?>, Param<String>> param, DataType type) {
        this.param = param;
        this.type = type;
    }

    /** What names the column. */
    Param<String> param(ImageClassifierParams<?> of) {
        return param.apply(of);
    }

    DataType type() {
        return type;
    }

    /** Null where the answer has none. */
    abstract Object value(Answer answer, List<String> classes);

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
