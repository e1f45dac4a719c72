package org.convoy.ml;

import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that {@link ImageClassifier} and {@link ImageClassifierModel} read and add. A column that is added has no name of the
 * input's; with an empty name it is left out.
 *
 * @param <S> the class itself, which its setters return
 */
public interface ImageClassifierParams<S> extends Params {

    /** Column of encoded pictures, binary: JPEG, PNG, WebP, GIF, BMP or TIFF. Default: {@code bytes}. */
    default Param<String> inputCol() {
        return new Param<>(this, "inputCol", "column of encoded pictures: JPEG, PNG, WebP, GIF, BMP or TIFF, binary");
    }

    /** Column for the class's place in {@link ImageClassifierModel#classes()}, double. Default: {@code prediction}. */
    default Param<String> predictionCol() {
        return new Param<>(this, "predictionCol", "column for the class's place among the model's classes, double");
    }

    /** Column for the class's name, string. Default: {@code class}. */
    default Param<String> classCol() {
        return new Param<>(this, "classCol", "column for the class's name, string");
    }

    /** Column for the probability of each class, vector. Default: {@code probability}. */
    default Param<String> probabilityCol() {
        return new Param<>(this, "probabilityCol", "column for the probability of each class, vector");
    }

    /** Column for the reason why a picture has no answer, string; null where it has one. Default: {@code error}. */
    default Param<String> errorCol() {
        return new Param<>(this, "errorCol", "column for the reason why a picture has no answer, string");
    }

    default String getInputCol() {
        return getOrDefault(inputCol());
    }

    default String getPredictionCol() {
        return getOrDefault(predictionCol());
    }

    default String getClassCol() {
        return getOrDefault(classCol());
    }

    default String getProbabilityCol() {
        return getOrDefault(probabilityCol());
    }

    default String getErrorCol() {
        return getOrDefault(errorCol());
    }

    default S setInputCol(String column) {
        return with(inputCol(), column);
    }

    default S setPredictionCol(String column) {
        return with(predictionCol(), column);
    }

    default S setClassCol(String column) {
        return with(classCol(), column);
    }

    default S setProbabilityCol(String column) {
        return with(probabilityCol(), column);
    }

    default S setErrorCol(String column) {
        return with(errorCol(), column);
    }

    /**
     * What the input becomes, with the columns that are added behind its own.
     *
     * @throws IllegalArgumentException if there are no pictures in it, or a column has a name that is added
     */
    default StructType withAnswers(StructType input) {
        requireType(input, inputCol(), List.of(DataTypes.BinaryType));
        StructType schema = input;
        for (AnswerColumn column : AnswerColumn.values()) {
            schema = added(schema, column);
        }
        return schema;
    }

    /**
     * Makes sure that a param names a column of the input.
     *
     * @throws IllegalArgumentException if that is not there, or of another type
     */
    default void requireType(StructType schema, Param<String> param, List<DataType> types) {
        String column = getOrDefault(param);
        if (!List.of(schema.fieldNames()).contains(column)) {
            throw new IllegalArgumentException(param.name() + " must name a column but was '" + column
                    + "'; the columns are " + List.of(schema.fieldNames()));
        }
        DataType type = schema.apply(column).dataType();
        if (!types.contains(type)) {
            throw new IllegalArgumentException("column '" + column + "' (" + param.name() + ") must be one of "
                    + types.stream().map(DataType::simpleString).toList() + " but is " + type.simpleString());
        }
    }

    private StructType added(StructType schema, AnswerColumn answer) {
        Param<String> param = answer.param(this);
        String column = getOrDefault(param);
        if (column.isEmpty()) {
            return schema;
        }
        if (List.of(schema.fieldNames()).contains(column)) {
            throw new IllegalArgumentException(
                    param.name() + " must be a name that is not taken, or empty, but was '" + column + "'");
        }
        return schema.add(column, answer.type(), true);
    }

    /** Gives every column its usual name; for constructors. */
    default void setColumnDefaults() {
        setDefault(inputCol(), "bytes");
        setDefault(predictionCol(), "prediction");
        setDefault(classCol(), "class");
        setDefault(probabilityCol(), "probability");
        setDefault(errorCol(), "error");
    }

    @SuppressWarnings("unchecked") // S is the class itself
    private S with(Param<String> param, String value) {
        set(param, value);
        return (S) this;
    }
}
