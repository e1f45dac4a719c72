package org.convoy.model.layer;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies images [N, H, W, C] side by side along C, and a whole back into its parts, for one shape. */
final class OnednnConcatenation {
    private final List<OnednnPrimitive> joins = new ArrayList<>();
    private final List<OnednnPrimitive> splits = new ArrayList<>();

    /**
     * For a whole of the shape [N, H, W, C].
     *
     * @param channels of each part; their sum is C
     */
    OnednnConcatenation(long[] whole, long[] channels) {
        long first = 0;
        for (long C : channels) {
            addPart(whole, first, C);
            first += C;
        }
    }

    private OnednnConcatenation() {}

    /** For one part alone, which leaves the rest of the whole as it is. */
    static OnednnConcatenation ofPart(long[] whole, long first, long channels) {
        OnednnConcatenation one = new OnednnConcatenation();
        one.addPart(whole, first, channels);
        return one;
    }

    private void addPart(long[] whole, long first, long C) {
        memory.desc part = Onednn.channelsLast(whole[0], whole[1], whole[2], C);
        memory.desc place = Onednn.channelsLast(whole)
                .submemory_desc(new long[] {whole[0], C, whole[1], whole[2]}, new long[] {0, first, 0, 0});
        joins.add(copy(part, place));
        splits.add(copy(place, part));
    }

    private static OnednnPrimitive copy(memory.desc from, memory.desc to) {
        reorder.primitive_desc description =
                new reorder.primitive_desc(Onednn.engine(), from, Onednn.engine(), to, Onednn.attributes(), false);
        return new OnednnPrimitive(new reorder(description), description)
                .reads(dnnl.DNNL_ARG_FROM, from, from)
                .writes(dnnl.DNNL_ARG_TO, to, to);
    }

    void join(INDArray[] parts, INDArray whole, WorkingMemory working) {
        for (int i = 0; i < parts.length; i++) {
            joins.get(i).run(working, parts[i], whole);
        }
    }

    void part(INDArray whole, INDArray[] parts, WorkingMemory working) {
        for (int i = 0; i < parts.length; i++) {
            splits.get(i).run(working, whole, parts[i]);
        }
    }
}
