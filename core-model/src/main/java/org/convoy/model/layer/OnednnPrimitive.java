package org.convoy.model.layer;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One primitive of oneDNN with the arrays that it reads and writes. Where it wants another memory order than the layer has,
 * inputs are copied before it runs and outputs after it.
 */
final class OnednnPrimitive {
    private static final int ALIGNMENT_BYTES = 64;

    private final primitive operation;
    private final IntMemoryMap arguments = new IntMemoryMap();
    private final List<Operand> operands = new ArrayList<>();
    /** What lies in working memory, and where in it. */
    private final Map<memory, Long> workingOffsets = new LinkedHashMap<>();

    private final Address address = new Address();
    private long workingBytes;

    /** Where a primitive puts copies and intermediate results, for the length of one run. */
    record WorkingMemory(LayerWorkspaceMgr workspaces, ArrayType arrayType) {
        static WorkingMemory forward(LayerWorkspaceMgr workspaces) {
            return new WorkingMemory(workspaces, ArrayType.FF_WORKING_MEM);
        }

        static WorkingMemory backward(LayerWorkspaceMgr workspaces) {
            return new WorkingMemory(workspaces, ArrayType.BP_WORKING_MEM);
        }

        /** Room for {@code bytes} after the first aligned address. */
        INDArray allocate(long bytes) {
            long floats = (bytes + ALIGNMENT_BYTES) / Float.BYTES;
            return workspaces.createUninitialized(arrayType, DataType.FLOAT, new long[] {floats}, 'c');
        }
    }

    /** An argument of the primitive as the layer gives it; {@code copy} is null where the primitive takes it as it is. */
    private record Operand(memory given, boolean written, reorder copy, IntMemoryMap copyArguments) {
        boolean isCopied() {
            return copy != null;
        }
    }

    OnednnPrimitive(primitive operation, primitive_desc_base description) {
        this.operation = operation;
        arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, inWorkingMemory(description.scratchpad_desc()));
    }

    /** The next array that {@link #run} is given is read as {@code argument}. */
    OnednnPrimitive reads(int argument, memory.desc given, memory.desc wanted) {
        return add(argument, given, wanted, false);
    }

    /** The next array that {@link #run} is given is written as {@code argument}. */
    OnednnPrimitive writes(int argument, memory.desc given, memory.desc wanted) {
        return add(argument, given, wanted, true);
    }

    private OnednnPrimitive add(int argument, memory.desc given, memory.desc wanted, boolean written) {
        memory outside = unbound(given);
        if (given.equals(wanted)) {
            operands.add(new Operand(outside, written, null, null));
            arguments.put(argument, outside);
            return this;
        }
        memory inside = inWorkingMemory(wanted);
        memory from = written ? inside : outside;
        memory to = written ? outside : inside;
        IntMemoryMap copyArguments = new IntMemoryMap();
        copyArguments.put(dnnl.DNNL_ARG_FROM, from);
        copyArguments.put(dnnl.DNNL_ARG_TO, to);
        operands.add(new Operand(outside, written, new reorder(from, to), copyArguments));
        arguments.put(argument, inside);
        return this;
    }

    /** Runs on {@code arrays}, in the order in which the arguments were declared. */
    void run(WorkingMemory working, INDArray... arrays) {
        if (arrays.length != operands.size()) {
            throw new IllegalArgumentException("arrays must be " + operands.size() + " but were " + arrays.length);
        }
        INDArray own = workingBytes == 0 ? null : working.allocate(workingBytes);
        try {
            workingOffsets.forEach((part, offset) -> part.set_data_handle(address.in(own, offset)));
            for (int i = 0; i < arrays.length; i++) {
                operands.get(i).given().set_data_handle(address.of(arrays[i]));
            }
            copyOperands(false);
            operation.execute(Onednn.stream(), arguments);
            copyOperands(true);
        } finally {
            // Without workspaces the collector would free what only the native side still uses.
            Reference.reachabilityFence(own);
            Reference.reachabilityFence(arrays);
        }
    }

    private void copyOperands(boolean written) {
        for (Operand operand : operands) {
            if (operand.isCopied() && operand.written() == written) {
                operand.copy().execute(Onednn.stream(), operand.copyArguments());
            }
        }
    }

    private memory inWorkingMemory(memory.desc description) {
        memory part = unbound(description);
        long bytes = description.get_size();
        if (bytes > 0) {
            workingOffsets.put(part, workingBytes);
            workingBytes += (bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
        }
        return part;
    }

    private static memory unbound(memory.desc description) {
        return new memory(description, Onednn.engine(), new Pointer());
    }

    /** A pointer to any address, made once. */
    private static final class Address extends Pointer {
        Address of(INDArray array) {
            address = array.data().addressPointer().address();
            return this;
        }

        Address in(INDArray workingMemory, long offset) {
            of(workingMemory);
            address = (address + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES + offset;
            return this;
        }
    }
}
