package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.http.RemoteCallException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a blob is. Addresses are host:port, as the ring names them.
 *
 * @param holding owners that hold it
 * @param lacking owners that do not
 * @param unanswered why some owner could not be asked; null: all were
 */
record BlobLocations(
    List<String> holding, List<String> lacking, @Nullable RemoteCallException unanswered) {}
