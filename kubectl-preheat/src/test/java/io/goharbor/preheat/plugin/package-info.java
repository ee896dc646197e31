@NullMarked
package io.goharbor.preheat.plugin;

import org.jspecify.annotations.NullMarked;
