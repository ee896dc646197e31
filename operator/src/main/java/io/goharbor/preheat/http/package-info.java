/**
 * The one way to outside systems over HTTP: TLS, sign-in, limits, redaction, classified failures.
 */
@NullMarked
package io.goharbor.preheat.http;

import org.jspecify.annotations.NullMarked;
