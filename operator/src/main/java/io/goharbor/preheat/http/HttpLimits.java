package io.goharbor.preheat.http;

/**
 * What all calls to outside systems may take together, so that no server that is slow or wants to
 * harm stops the work for others.
 *
 * @param callsPerNamespace calls at the same time in the name of objects of one namespace
 * @param callsPerHost calls at the same time to one host and port
 * @param answerMemory heap for the answers that are being read, in bytes, counted roughly; half of
 *     it for one answer, one namespace and one host
 */
public record HttpLimits(int callsPerNamespace, int callsPerHost, long answerMemory) {
  /** What holds where nothing else is configured. */
  public static final HttpLimits DEFAULT = new HttpLimits(64, 32, 32L << 20);
}
