/** Where an interrupt goes: the timer's to the scheduler, a line's to whoever holds its IrqHandler. */
import { deviceInterrupt } from '../../object/irq.js';
import { timerInterrupt } from '../../sched/timer.js';
import { beginLineInterrupt, FIRST_LINE_VECTOR, MAXIMUM_LINES, UNUSED_PIC_VECTOR } from './irq.js';
import { endInterrupt, VECTOR_SPURIOUS, VECTOR_TIMER } from './local-apic.js';

/** @entry kernel_interrupt */
export function interrupt(vector: u64): void {
  if (vector === VECTOR_TIMER) {
    endInterrupt();
    timerInterrupt();
  } else if (vector >= FIRST_LINE_VECTOR && vector < FIRST_LINE_VECTOR + MAXIMUM_LINES) {
    const line = vector - FIRST_LINE_VECTOR;
    if (beginLineInterrupt(line)) {
      deviceInterrupt(line);
    }
  } else if (vector !== VECTOR_SPURIOUS && vector < UNUSED_PIC_VECTOR) {
    endInterrupt();
  }
}
