@NullMarked
package io.goharbor.preheat.kube;

import org.jspecify.annotations.NullMarked;
