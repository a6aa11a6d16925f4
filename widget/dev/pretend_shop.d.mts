export const POLICY: string;
export interface PretendAnswer {
  status?: number;
  body?: unknown;
  raw?: string;
  delayMs?: number;
}
export function ordinaryAnswer(request: any): PretendAnswer;
export function openShop(options?: {
  answerTo?: (request: any, number: number) => PretendAnswer | Promise<PretendAnswer>;
  port?: number;
}): Promise<{ url: string; close(): Promise<void> }>;
