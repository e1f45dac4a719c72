package org.convoy.model;

import java.util.regex.Pattern;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Which classes a configuration may name: those of DL4J's networks, and Convoy's. Jackson asks before it looks a class up, so that
 * no other one is even initialised.
 */
final class NetworkParts extends PolymorphicTypeValidator.Base {
    private static final long serialVersionUID = 1L;

    private static final Pattern NAME = Pattern.compile("org\\.(deeplearning4j\\.nn|nd4j\\.linalg|convoy)\\.[\\w.$]+");

    @Override
    public Validity validateBaseType(MapperConfig<?> config, JavaType baseType) {
        return Validity.INDETERMINATE;
    }

    @Override
    public Validity validateSubClassName(MapperConfig<?> config, JavaType baseType, String name) {
        return NAME.matcher(name).matches() ? Validity.ALLOWED : Validity.DENIED;
    }

    @Override
    public Validity validateSubType(MapperConfig<?> config, JavaType baseType, JavaType subType) {
        return Validity.DENIED;
    }
}
