/** The drivers against simulators of the systems they drive, over HTTP. */
@NullMarked
package io.goharbor.preheat.e2e.driver;

import org.jspecify.annotations.NullMarked;
