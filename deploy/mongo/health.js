// Healthy when this member is primary. The first check of a new server initiates the set. Runs in mongosh.
const SET = { _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] };
const NOT_YET_INITIALIZED = 94;

try {
  rs.status();
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  rs.initiate(SET);
}
quit(db.hello().isWritablePrimary ? 0 : 1);
