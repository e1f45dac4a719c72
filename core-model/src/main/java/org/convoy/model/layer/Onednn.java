package org.convoy.model.layer;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * oneDNN, called without ND4J in between: its primitives are built once per shape and their memory comes from the layer's
 * workspace, where ND4J's operations build and allocate anew in each call, and its Winograd convolutions can be asked for.
 * It computes float32 in the host's memory; for anything else, and on a GPU, {@link #computes} says no and the layers run
 * ND4J's operations.
 */
final class Onednn {
    private static final boolean HOST_BACKEND =
            Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");

    private Onednn() {}

    /** Loaded with the first use, because on a GPU there is none. */
    private static final class Processor {
        static final engine ENGINE = new engine(engine.kind.cpu, 0);
        static final stream STREAM = new stream(ENGINE);
    }

    /** Whether oneDNN computes arrays of this type on this backend. */
    static boolean computes(DataType dataType) {
        return HOST_BACKEND && dataType == DataType.FLOAT;
    }

    /** Whether oneDNN computes on {@code array} as it lies: float32, contiguous in C order, in the host's memory. */
    static boolean computes(INDArray array) {
        return computes(array.dataType()) && liesInOrder(array);
    }

    static boolean liesInOrder(INDArray array) {
        return array.ordering() == 'c' && array.elementWiseStride() == 1;
    }

    static engine engine() {
        return Processor.ENGINE;
    }

    static stream stream() {
        return Processor.STREAM;
    }

    /** Primitives that take their working memory from the caller: oneDNN's own belongs to the thread that built them. */
    static primitive_attr attributes() {
        primitive_attr attributes = new primitive_attr();
        attributes.set_scratchpad_mode(scratchpad_mode.user);
        return attributes;
    }

    /** Lets a forward primitive end with max(x, 0). */
    static void endWithRelu(primitive_attr attributes) {
        post_ops afterwards = new post_ops();
        afterwards.append_eltwise(1f, algorithm.eltwise_relu, 0f, 0f);
        attributes.set_post_ops(afterwards);
    }

    /** An array [N, H, W, C] in C order; oneDNN counts its dimensions N, C, H, W. */
    static memory.desc channelsLast(long... shape) {
        return new memory.desc(
                new long[] {shape[0], shape[3], shape[1], shape[2]}, memory.data_type.f32, memory.format_tag.nhwc);
    }

    /** Memory in whatever order suits the primitive. */
    static memory.desc anyOrder(long... dimensions) {
        return new memory.desc(dimensions, memory.data_type.f32, memory.format_tag.any);
    }

    static memory.desc vector(long length) {
        return new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.a);
    }

    static memory.desc strided(long[] dimensions, long[] strides) {
        return new memory.desc(dimensions, memory.data_type.f32, strides);
    }
}
