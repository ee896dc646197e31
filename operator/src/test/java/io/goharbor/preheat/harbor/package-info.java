@NullMarked
package io.goharbor.preheat.harbor;

import org.jspecify.annotations.NullMarked;
