package io.goharbor.preheat.runtime;

/**
 * What a value must be.
 *
 * @param <T> what it becomes
 */
interface ConfigType<T> {
  /** A value that is not of the type; the message continues "webhook.port: ". */
  final class WrongValue extends Exception {
    private static final long serialVersionUID = 1L;

    WrongValue(String message) {
      super(message, null, false, false);
    }
  }

  /** What people may write, such as "a port from 0 to 65535". */
  String expected();

  /**
   * Reads a value.
   *
   * @throws WrongValue saying what it must be
   */
  T read(ConfigValue value) throws WrongValue;
}
