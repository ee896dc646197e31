/**
 * What a tenant with rights in his own namespace, the servers that he names, and strangers on the
 * network try: they read no Secret of another namespace and stop no one else's preheats.
 */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e.hostile;
