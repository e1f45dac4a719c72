package org.convoy.prepare;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.convoy.data.Colour;
import org.convoy.data.Statistics;
import org.convoy.runtime.UserError;

/**
 * The section {@code prepare} of the configuration; {@code reference.conf} explains each key. A value that breaks its rule is a
 * {@link UserError} (usage).
 *
 * @param colour unused for idx and cifar, like all that is about decoding and resizing
 * @param background 0xRRGGBB
 */
public record PrepareConfig(
        String input,
        String output,
        SourceKind source,
        Colour colour,
        int height,
        int width,
        Resize resize,
        int background,
        JpegDecode jpegDecode,
        double validationShare,
        double testShare,
        double maxRejectedShare,
        long maxPictureBytes,
        long maxPicturePixels,
        long maxPictureSeconds,
        long targetFileBytes,
        int filesMultipleOf,
        Statistics statistics,
        AppendedClasses appendedClasses) {

    static final long MOST_PICTURE_PIXELS = 1L << 28;

    private static final String SECTION = "prepare";
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final String SOURCE = "source";
    private static final String COLOUR = "image.colour";
    private static final String HEIGHT = "image.height";
    private static final String WIDTH = "image.width";
    static final String RESIZE = "image.resize";
    static final String BACKGROUND = "image.background";
    static final String JPEG_DECODE = "image.jpeg-decode";
    private static final String VALIDATION_SHARE = "split.validation-share";
    private static final String TEST_SHARE = "split.test-share";
    private static final String MAX_REJECTED_SHARE = "max-rejected-share";
    private static final String MAX_PICTURE_BYTES = "max-picture-bytes";
    private static final String MAX_PICTURE_PIXELS = "max-picture-pixels";
    private static final String MAX_PICTURE_SECONDS = "max-picture-seconds";
    private static final String TARGET_FILE_BYTES = "target-file-bytes";
    private static final String FILES_MULTIPLE_OF = "files-multiple-of";
    private static final String STATISTICS = "statistics";
    private static final String APPENDED_CLASSES = "appended-classes";

    public PrepareConfig {
        check(!input.isBlank(), INPUT, "set (the directory or file to read)", quoted(input));
        check(!output.isBlank(), OUTPUT, "set (the directory of the dataset to write)", quoted(output));
        checkRange(HEIGHT, height, 1, 4096);
        checkRange(WIDTH, width, 1, 4096);
        check(validationShare >= 0 && validationShare < 1, VALIDATION_SHARE, "from 0 to below 1", validationShare);
        check(testShare >= 0 && testShare < 1, TEST_SHARE, "from 0 to below 1", testShare);
        check(
                validationShare + testShare < 1,
                VALIDATION_SHARE + " + " + TEST_SHARE,
                "below 1",
                validationShare + testShare);
        check(maxRejectedShare >= 0 && maxRejectedShare <= 1, MAX_REJECTED_SHARE, "from 0 to 1", maxRejectedShare);
        checkRange(MAX_PICTURE_BYTES, maxPictureBytes, 1, 1L << 30);
        checkRange(MAX_PICTURE_PIXELS, maxPicturePixels, 1, MOST_PICTURE_PIXELS);
        checkRange(MAX_PICTURE_SECONDS, maxPictureSeconds, 1, 86_400);
        checkRange(TARGET_FILE_BYTES, targetFileBytes, 1L << 20, 1L << 31);
        checkRange(FILES_MULTIPLE_OF, filesMultipleOf, 1, 100_000);
    }

    /**
     * Reads the section {@code prepare}.
     *
     * @throws UserError (usage) if a value has the wrong type or breaks its rule
     */
    public static PrepareConfig from(Config config) {
        Config section = config.getConfig(SECTION);
        return new PrepareConfig(
                text(section, INPUT),
                text(section, OUTPUT),
                choice(section, SOURCE, SourceKind.values(), SourceKind::label),
                choice(section, COLOUR, Colour.values(), Colour::label),
                (int) whole(section, HEIGHT, Integer.MAX_VALUE),
                (int) whole(section, WIDTH, Integer.MAX_VALUE),
                choice(section, RESIZE, Resize.values(), Resize::label),
                rgb(BACKGROUND, section.getString(BACKGROUND)),
                choice(section, JPEG_DECODE, JpegDecode.values(), JpegDecode::label),
                number(section, VALIDATION_SHARE),
                number(section, TEST_SHARE),
                number(section, MAX_REJECTED_SHARE),
                whole(section, MAX_PICTURE_BYTES, Long.MAX_VALUE),
                whole(section, MAX_PICTURE_PIXELS, Long.MAX_VALUE),
                whole(section, MAX_PICTURE_SECONDS, Long.MAX_VALUE),
                whole(section, TARGET_FILE_BYTES, Long.MAX_VALUE),
                (int) whole(section, FILES_MULTIPLE_OF, Integer.MAX_VALUE),
                choice(section, STATISTICS, Statistics.values(), Statistics::label),
                choice(section, APPENDED_CLASSES, AppendedClasses.values(), AppendedClasses::label));
    }

    /** Every key with its value, for the manifest. */
    Map<String, String> keyValues() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(INPUT, input);
        values.put(OUTPUT, output);
        values.put(SOURCE, source.label());
        values.put(COLOUR, colour.label());
        values.put(HEIGHT, String.valueOf(height));
        values.put(WIDTH, String.valueOf(width));
        values.put(RESIZE, resize.label());
        values.put(BACKGROUND, String.format(Locale.ROOT, "#%06x", background));
        values.put(JPEG_DECODE, jpegDecode.label());
        values.put(VALIDATION_SHARE, String.valueOf(validationShare));
        values.put(TEST_SHARE, String.valueOf(testShare));
        values.put(MAX_REJECTED_SHARE, String.valueOf(maxRejectedShare));
        values.put(MAX_PICTURE_BYTES, String.valueOf(maxPictureBytes));
        values.put(MAX_PICTURE_PIXELS, String.valueOf(maxPicturePixels));
        values.put(MAX_PICTURE_SECONDS, String.valueOf(maxPictureSeconds));
        values.put(TARGET_FILE_BYTES, String.valueOf(targetFileBytes));
        values.put(FILES_MULTIPLE_OF, String.valueOf(filesMultipleOf));
        values.put(STATISTICS, statistics.label());
        values.put(APPENDED_CLASSES, appendedClasses.label());
        return values.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> SECTION + "." + entry.getKey(), Map.Entry::getValue, (a, b) -> b, LinkedHashMap::new));
    }

    private static String text(Config section, String key) {
        return section.getString(key);
    }

    private static <T> T choice(Config section, String key, T[] values, Function<T, String> label) {
        return choice(key, section.getString(key), values, label);
    }

    /** The value with the label {@code given}. */
    static <T> T choice(String key, String given, T[] values, Function<T, String> label) {
        return Arrays.stream(values)
                .filter(value -> label.apply(value).equals(given))
                .findFirst()
                .orElseThrow(() -> broken(
                        key, Arrays.stream(values).map(label).collect(Collectors.joining(" or ")), quoted(given)));
    }

    /** 0xRRGGBB. */
    static int rgb(String key, String given) {
        if (!given.matches("#[0-9a-fA-F]{6}")) {
            throw broken(key, "a colour like \"#ffffff\"", quoted(given));
        }
        return Integer.parseInt(given.substring(1), 16);
    }

    private static double number(Config section, String key) {
        try {
            return section.getDouble(key);
        } catch (ConfigException.WrongType | ConfigException.BadValue e) {
            throw broken(key, "a number", section.getValue(key).unwrapped());
        }
    }

    private static long whole(Config section, String key, long most) {
        double value = number(section, key);
        if (value != Math.rint(value) || Math.abs(value) > most) {
            throw broken(key, "a whole number", section.getValue(key).unwrapped());
        }
        return (long) value;
    }

    private static void checkRange(String key, long value, long least, long most) {
        check(value >= least && value <= most, key, "from " + least + " to " + most, value);
    }

    private static void check(boolean holds, String key, String rule, Object value) {
        if (!holds) {
            throw broken(key, rule, value);
        }
    }

    private static UserError broken(String key, String rule, Object value) {
        return UserError.usage(SECTION + "." + key + " must be " + rule + " but was " + value);
    }

    private static String quoted(String value) {
        return "'" + value + "'";
    }
}
