/* Children query: what a list request wants of external parents: the songs of albums and
 * playlists, the albums and songs of artists. Pure; any thread.
 *
 * The first of ParentId, AlbumIds, ArtistIds, AlbumArtistIds and ContributingArtistIds that
 * names an external thing decides. Local ids in the same list are Jellyfin's part of the
 * answer.
 */
#ifndef PROXY_CHILDREN_QUERY_H
#define PROXY_CHILDREN_QUERY_H

#include "providers/catalog_query.h"
#include "providers/media_sort.h"
#include "proxy/gather.h"

enum { CHILDREN_PARENTS = 256 };

struct children_query {
	const char *parameter;                     /* that decides: "AlbumIds" */
	struct catalog_query of[CHILDREN_PARENTS]; /* in the client's order */
	size_t count;                              /* 0: nothing they could have */
	const char *local_ids; /* of the same list, with commas; NULL: none. In the arena */
	struct media_sort sort;
	/* ContributingArtistIds: only where that artist is not a main one. */
	bool contributing;
	const char **excluded; /* ExcludeItemIds; NULL-terminated, in the arena */
};

/* False: no external parent is named. */
MUST_CHECK bool children_query_read(struct children_query *wanted, struct arena *arena,
	const struct query *query, uint64_t seed);
/* The same for one parent that the path names. */
void children_query_of(struct children_query *wanted, struct arena *arena,
	const struct query *query, const struct external_id *parent, uint64_t seed);
/* Does a list request leave room for things of that kind (IncludeItemTypes,
 * ExcludeItemTypes, MediaTypes)? */
bool children_wants_kind(
	const struct query *query, struct arena *arena, enum media_kind kind);
/* Does the child of that parent belong in the answer? */
bool children_query_keeps(const struct children_query *wanted,
	const struct external_id *parent, const struct media *child);

#endif
