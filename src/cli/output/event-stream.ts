import { Socket } from 'node:net';
import type { ComponentEvent } from '../../domain/planning/outcome.js';
import { formatEvent } from '../../orchestration/processes/event-line.js';

const EVENTS_FD = 3;
const HEARTBEAT_MS = 5_000;

export interface EventStream {
  emit(event: ComponentEvent): void;
  /** Waits until everything is written. */
  close(): Promise<void>;
}

/**
 * The child's end of the event stream on file descriptor 3, with a heartbeat.
 * When the parent's end closes, this process ends at once: nothing may write on after a killed parent, and a
 * transaction that loses its connection is rolled back.
 */
export function openEventStream(): EventStream {
  const socket = new Socket({ fd: EVENTS_FD, readable: true, writable: true });
  let isClosing = false;
  const orphaned = () => {
    if (!isClosing) process.exit(1);
  };
  socket.on('end', orphaned).on('close', orphaned).on('error', orphaned).resume();
  const emit = (event: ComponentEvent) => {
    socket.write(formatEvent(event));
  };
  const beat = setInterval(() => emit({ type: 'heartbeat' }), HEARTBEAT_MS);
  return {
    emit,
    close() {
      isClosing = true;
      clearInterval(beat);
      return new Promise((resolve) => {
        socket.end(() => {
          // Its reading half would keep this process alive until the parent goes.
          socket.destroy();
          resolve();
        });
      });
    },
  };
}
