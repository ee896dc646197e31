package io.goharbor.preheat.runtime;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A component of {@link OperatorConfig} that a key of the file and a variable set. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Setting {
  ConfigType type();

  /** What holds where nothing is set, as it would be written in the variable. */
  String byDefault() default "";

  /** The least that may be written, for types with a range. */
  String from() default "";

  /** The most that may be written, for types with a range. */
  String to() default "";

  /** The environment variable; empty: it is named after the key. */
  String variable() default "";
}
