import type { Db } from 'mongodb';

/** What the database knows of itself: since when it is Fieldgate's, whatever collections come and go. */
interface Installation {
  _id: string;
  createdAt: Date;
}

/** Marks the database as an installation of Fieldgate; running it again changes nothing. */
export async function up(db: Db): Promise<void> {
  await db
    .collection<Installation>('installation')
    .updateOne({ _id: 'fieldgate' }, { $setOnInsert: { createdAt: new Date() } }, { upsert: true });
}

export async function down(db: Db): Promise<void> {
  await db.collection<Installation>('installation').deleteOne({ _id: 'fieldgate' });
}
