package org.convoy.model.layer;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where paths of a graph meet on the way back, the gradients that come from each. DL4J hands a vertex the first one, then
 * asks for it and adds each further one by {@code addi}, which is slow on channels-last memory: here the vertex answers with
 * {@link #NEXT_ADDEND}, so that it is handed the addend itself, and adds it in its own way.
 */
final class GradientSum {
    /** Of all that an array can do it can be added to, and gives what was to be added. */
    static final INDArray NEXT_ADDEND = (INDArray) Proxy.newProxyInstance(
            GradientSum.class.getClassLoader(),
            new Class<?>[] {INDArray.class},
            (proxy, method, arguments) -> addend(method, arguments));

    private GradientSum() {}

    private static Object addend(Method method, Object[] arguments) {
        if (method.getName().equals("addi") && arguments.length == 1 && arguments[0] instanceof INDArray addend) {
            return addend;
        }
        throw new UnsupportedOperationException("Cannot call " + method + " on a gradient that is still being summed");
    }

    /** The sum after one more gradient, in the memory of the first; {@code sum} is null before that. */
    static INDArray plus(INDArray sum, INDArray gradient) {
        if (sum != null && gradient != null) {
            ChannelsLast.add(sum, gradient);
        }
        return sum != null ? sum : gradient;
    }
}
