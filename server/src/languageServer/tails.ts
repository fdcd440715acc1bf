/** The files that editors follow. */
import type { OpenTailParams, OpenTailResult, TailAppended } from '../protocol.ts';
import { Follower } from '../timeline/follow.ts';

export class Tails {
  private readonly followers = new Map<number, Follower>();
  private next = 1;

  constructor(private readonly onAppended: (appended: TailAppended) => void) {}

  async open({ path, bytes }: OpenTailParams): Promise<OpenTailResult> {
    const tail = this.next++;
    const follower = new Follower(path, (text, restarted) => {
      this.onAppended(restarted === undefined ? { tail, text } : { tail, text, restarted });
    });
    this.followers.set(tail, follower);
    return { tail, text: await follower.start(bytes) };
  }

  async close(tail: number): Promise<null> {
    const follower = this.followers.get(tail);
    this.followers.delete(tail);
    await follower?.close();
    return null;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.followers.keys()].map((tail) => this.close(tail)));
  }
}
