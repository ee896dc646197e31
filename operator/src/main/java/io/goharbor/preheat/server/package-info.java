/**
 * HTTP servers that strangers can reach: limits of connections, deadlines that no byte renews, and
 * an answer to whatever is sent. The only package that knows the library below.
 */
@NullMarked
package io.goharbor.preheat.server;

import org.jspecify.annotations.NullMarked;
