import { spawn } from 'node:child_process';

/** Its standard input ends with the harness, however that ends; then it ends the process group `$1`. */
const SCRIPT = 'read -r _; kill -s TERM -- "-$1"; sleep 2; kill -s KILL -- "-$1"';

/**
 * Watches over a process group that knows nothing of the harness, so that nothing of it stays when the harness is
 * killed. Returns what takes the guard away again, once the group is gone.
 */
export function guardGroup(groupId: number): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(groupId)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard the command runs all the same.
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  return () => guard.kill('SIGKILL');
}
