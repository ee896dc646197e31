package io.goharbor.preheat.runtime;

/**
 * A key of the configuration file.
 *
 * @param name with dots between the levels of the file
 * @param variable the environment variable that wins over the file
 * @param otherwise what holds where neither is set, as it would be written in the file
 * @param about what it does, in a sentence for the documentation
 */
record ConfigKey<T>(
    String name, String variable, ConfigType<T> type, String otherwise, String about) {}
