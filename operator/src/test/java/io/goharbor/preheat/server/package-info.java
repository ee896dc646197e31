@NullMarked
package io.goharbor.preheat.server;

import org.jspecify.annotations.NullMarked;
