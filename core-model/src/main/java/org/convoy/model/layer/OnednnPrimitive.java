package org.convoy.model.layer;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
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

    private final primitive primitive;
    private final IntMemoryMap arguments = new IntMemoryMap();
    private final List<Operand> operands = new ArrayList<>();
    private final memory scratchpad;
    private final long scratchpadBytes;
    private final Address address = new Address();

    /** Where a primitive puts copies and intermediate results, for the length of one run. */
    record WorkingMemory(LayerWorkspaceMgr workspaces, ArrayType arrayType) {
        static WorkingMemory forward(LayerWorkspaceMgr workspaces) {
            return new WorkingMemory(workspaces, ArrayType.FF_WORKING_MEM);
        }

        static WorkingMemory backward(LayerWorkspaceMgr workspaces) {
            return new WorkingMemory(workspaces, ArrayType.BP_WORKING_MEM);
        }

        INDArray allocate(long bytes) {
            long floats = (bytes + ALIGNMENT_BYTES + Float.BYTES - 1) / Float.BYTES;
            return workspaces.createUninitialized(arrayType, DataType.FLOAT, new long[] {floats}, 'c');
        }
    }

    /** An argument of the primitive: {@code wanted} is {@code given} itself where the orders agree. */
    private record Operand(memory given, memory wanted, boolean written, reorder copy, IntMemoryMap copyArguments) {
        boolean isCopied() {
            return copy != null;
        }
    }

    OnednnPrimitive(primitive primitive, primitive_desc_base description) {
        this.primitive = primitive;
        memory.desc scratch = description.scratchpad_desc();
        scratchpadBytes = scratch.get_size();
        scratchpad = unbound(scratch);
        arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, scratchpad);
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
            operands.add(new Operand(outside, outside, written, null, null));
            arguments.put(argument, outside);
            return this;
        }
        memory inside = unbound(wanted);
        memory from = written ? inside : outside;
        memory to = written ? outside : inside;
        IntMemoryMap copyArguments = new IntMemoryMap();
        copyArguments.put(dnnl.DNNL_ARG_FROM, from);
        copyArguments.put(dnnl.DNNL_ARG_TO, to);
        operands.add(new Operand(outside, inside, written, new reorder(from, to), copyArguments));
        arguments.put(argument, inside);
        return this;
    }

    /** Runs on {@code arrays}, in the order in which the arguments were declared. */
    void run(WorkingMemory working, INDArray... arrays) {
        if (arrays.length != operands.size()) {
            throw new IllegalArgumentException("arrays must be " + operands.size() + " but were " + arrays.length);
        }
        List<INDArray> allocated = new ArrayList<>();
        if (scratchpadBytes > 0) {
            bind(scratchpad, working.allocate(scratchpadBytes), allocated);
        }
        for (int i = 0; i < arrays.length; i++) {
            Operand operand = operands.get(i);
            operand.given().set_data_handle(address.of(arrays[i], 1));
            if (operand.isCopied()) {
                bind(
                        operand.wanted(),
                        working.allocate(operand.wanted().get_desc().get_size()),
                        allocated);
                if (!operand.written()) {
                    operand.copy().execute(Onednn.stream(), operand.copyArguments());
                }
            }
        }
        primitive.execute(Onednn.stream(), arguments);
        for (Operand operand : operands) {
            if (operand.isCopied() && operand.written()) {
                operand.copy().execute(Onednn.stream(), operand.copyArguments());
            }
        }
        // Without workspaces the collector would free what only the native side still uses.
        Reference.reachabilityFence(allocated);
        Reference.reachabilityFence(arrays);
    }

    private void bind(memory target, INDArray array, List<INDArray> allocated) {
        target.set_data_handle(address.of(array, ALIGNMENT_BYTES));
        allocated.add(array);
    }

    private static memory unbound(memory.desc description) {
        return new memory(description, Onednn.engine(), new Pointer());
    }

    /** A pointer to any address, made once. */
    private static final class Address extends Pointer {
        Address of(INDArray array, int alignment) {
            long start = array.data().addressPointer().address();
            address = (start + alignment - 1) / alignment * alignment;
            return this;
        }
    }
}
