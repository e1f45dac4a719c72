package org.convoy.prepare;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * The pictures of a unit, in a task; read before the next unit is asked for, or not at all.
 *
 * @param place of the unit among those that were asked for, from 0
 */
public record UnitPictures(int place, Iterator<Encoded> pictures) {

    /**
     * Puts units into fewer partitions.
     *
     * @param byUnit a partition for each of those that were asked for
     */
    static JavaRDD<UnitPictures> inTasks(JavaRDD<Encoded> byUnit, int tasks) {
        return byUnit.mapPartitionsWithIndex(
                        (place, pictures) ->
                                List.of(new UnitPictures(place, pictures)).iterator(),
                        false)
                .coalesce(tasks);
    }
}
