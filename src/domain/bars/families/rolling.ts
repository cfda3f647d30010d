import { floorDivide } from '../../calendar/day.js';
import type { BarFamily } from './family.js';

/** Every n accepted rows from the asset's first one make a bar, whatever days they lie on. */
export const rolling: BarFamily = {
  name: 'multi_tf',
  coordinate: 'row',
  windowAt(position, { count }, origin) {
    const index = floorDivide(position - origin, count);
    const start = origin + index * count;
    return { seq: index + 1, start, end: start + count };
  },
};
