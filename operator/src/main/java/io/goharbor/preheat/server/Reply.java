package io.goharbor.preheat.server;

import java.util.Map;

/**
 * An answer.
 *
 * @param headers beside those that follow from the others
 */
public record Reply(int status, String contentType, Map<String, String> headers, byte[] body) {}
