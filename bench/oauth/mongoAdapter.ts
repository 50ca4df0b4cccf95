import type { Collection, Db } from 'mongodb';

interface Kept {
  readonly _id: string;
  payload: Record<string, unknown>;
  readonly grantId?: string;
  readonly expiresAt?: Date;
}

/**
 * The storage that oidc-provider asks for, on MongoDB: each model in a collection of its own, as the library's own
 * example keeps it, with the driver alone. @see its documentation, "adapter"
 */
export function mongoAdapter(database: Db) {
  return class MongoAdapter {
    readonly #kept: Collection<Kept>;

    constructor(name: string) {
      this.#kept = database.collection<Kept>(`oidc_${name}`);
    }

    async upsert(_id: string, payload: Record<string, unknown>, expiresInSeconds?: number): Promise<void> {
      const expiresAt = expiresInSeconds ? { expiresAt: new Date(Date.now() + expiresInSeconds * 1000) } : {};
      const grantId = typeof payload['grantId'] === 'string' ? { grantId: payload['grantId'] } : {};
      await this.#kept.updateOne({ _id }, { $set: { payload, ...grantId, ...expiresAt } }, { upsert: true });
    }

    async find(_id: string): Promise<Record<string, unknown> | undefined> {
      return (await this.#kept.findOne({ _id }))?.payload;
    }

    async findByUid(uid: string): Promise<Record<string, unknown> | undefined> {
      return (await this.#kept.findOne({ 'payload.uid': uid }))?.payload;
    }

    async findByUserCode(userCode: string): Promise<Record<string, unknown> | undefined> {
      return (await this.#kept.findOne({ 'payload.userCode': userCode }))?.payload;
    }

    async consume(_id: string): Promise<void> {
      await this.#kept.updateOne({ _id }, { $set: { 'payload.consumed': Math.floor(Date.now() / 1000) } });
    }

    async destroy(_id: string): Promise<void> {
      await this.#kept.deleteOne({ _id });
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      await this.#kept.deleteMany({ grantId });
    }
  };
}
