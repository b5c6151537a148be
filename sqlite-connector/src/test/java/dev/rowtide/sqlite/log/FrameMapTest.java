package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameMapTest {
    @Test
    void theLastFrameOfAPageIsFound() {
        Random random = new Random(7);
        FrameMap frames = new FrameMap(1);
        Map<Integer, Integer> expected = new HashMap<>();
        for (int frame = 1; frame < 100_000; frame++) {
            int page = random.nextInt(4) == 0 ? frame : 1 + random.nextInt(Integer.MAX_VALUE - 1);
            frames.put(page, frame);
            expected.put(page, frame);
        }
        expected.forEach((page, frame) -> assertThat(frames.get(page)).isEqualTo(frame));
        assertThat(frames.get(Integer.MAX_VALUE)).isZero();
    }
}
