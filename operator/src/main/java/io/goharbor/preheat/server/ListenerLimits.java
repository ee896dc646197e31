package io.goharbor.preheat.server;

import java.time.Duration;

/**
 * What a listener gives to its callers.
 *
 * @param connections open at the same time
 * @param strangersPerAddress connections of one {@link ClientAddress} that wait for a header and
 *     have not shown who they are
 * @param request from the first byte of a request to the last of its body; a stranger has no more
 *     from the moment that he connects, with the TLS handshake in it
 * @param answer for an answer to be made and read
 * @param idle between the requests of a caller that has shown who he is
 * @param headerBytes of request line and header together
 * @param headers fields of a header
 */
public record ListenerLimits(
    int connections,
    int strangersPerAddress,
    Duration request,
    Duration answer,
    Duration idle,
    int headerBytes,
    int headers) {}
