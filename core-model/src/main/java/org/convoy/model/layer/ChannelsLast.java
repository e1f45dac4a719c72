package org.convoy.model.layer;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Goes between the shape that a network states, [N, C, H, W] or [N, H, W, C], and memory contiguous as [N, H, W, C]. */
final class ChannelsLast {
    private ChannelsLast() {}

    /**
     * The same numbers as [N, H, W, C] in C order, without a copy where the memory lies so already.
     *
     * @param stated activations or their gradient in the shape of {@code format}
     * @param arrayType where a copy is put if the memory is in another order
     */
    static INDArray contiguous(INDArray stated, CNN2DFormat format, LayerWorkspaceMgr workspaces, ArrayType arrayType) {
        INDArray channelsLast = format == CNN2DFormat.NCHW ? stated.permute(0, 2, 3, 1) : stated;
        if (liesInOrder(channelsLast)) {
            return Nd4j.create(
                    channelsLast.data(),
                    channelsLast.shape(),
                    orderedStrides(channelsLast.shape()),
                    channelsLast.offset(),
                    'c');
        }
        INDArray copy = workspaces.createUninitialized(arrayType, channelsLast.dataType(), channelsLast.shape(), 'c');
        return copy.assign(channelsLast);
    }

    /** The view in the shape of {@code format} of an array [N, H, W, C]. */
    static INDArray stated(INDArray channelsLast, CNN2DFormat format) {
        return format == CNN2DFormat.NCHW ? channelsLast.permute(0, 3, 1, 2) : channelsLast;
    }

    /**
     * The format whose {@link #contiguous} form an array of any rank has without a copy, if there is one: for layers that
     * state no format, because they treat all numbers alike.
     */
    static CNN2DFormat memoryOrder(INDArray array) {
        return array.rank() == 4 && !liesInOrder(array) ? CNN2DFormat.NCHW : CNN2DFormat.NHWC;
    }

    /**
     * Adds in place, in one run over the memory where both lie in the same order: over views ND4J counts each value's position
     * by itself.
     */
    static void add(INDArray sum, INDArray addend) {
        CNN2DFormat order = memoryOrder(sum);
        INDArray from = inOrder(addend, order);
        INDArray to = inOrder(sum, order);
        if (liesInOrder(from) && liesInOrder(to) && to.dataType() == from.dataType()) {
            flat(to).addi(flat(from));
        } else {
            sum.addi(addend);
        }
    }

    private static INDArray inOrder(INDArray stated, CNN2DFormat order) {
        return order == CNN2DFormat.NCHW && stated.rank() == 4 ? stated.permute(0, 2, 3, 1) : stated;
    }

    private static INDArray flat(INDArray array) {
        return Nd4j.create(array.data(), new long[] {array.length()}, new long[] {1}, array.offset(), 'c');
    }

    private static boolean liesInOrder(INDArray array) {
        long expected = 1;
        for (int dimension = array.rank() - 1; dimension >= 0; dimension--) {
            if (array.size(dimension) > 1 && array.stride(dimension) != expected) {
                return false;
            }
            expected *= array.size(dimension);
        }
        return true;
    }

    private static long[] orderedStrides(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int dimension = shape.length - 1; dimension >= 0; dimension--) {
            strides[dimension] = stride;
            stride *= shape[dimension];
        }
        return strides;
    }
}
